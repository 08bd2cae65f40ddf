/** Fire transmission devices send a heartbeat every 20–30 s (makers of GB/T 26875.3 equipment). */
export const HEARTBEAT_MS = 25_000
/** How often a demo sensor is registered to be heard, seconds: one heartbeat with room for a slow network. */
export const HEARTBEAT_RHYTHM_S = 40
