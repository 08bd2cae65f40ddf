/**
 * Loaded into every role that the supervisor starts: when the supervisor is gone, however it ended, the role stops as if
 * it had been asked to. Otherwise it would go on holding the ports that the next start needs.
 */
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
// The listener alone must not keep a role alive that has finished.
process.channel?.unref()
