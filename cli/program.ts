import { Command, CommanderError } from 'commander'
import { addAloneCommands } from './commands/alone.ts'
import { addBackupCommands } from './commands/backup.ts'
import { addChannelCommands } from './commands/channel.ts'
import { addDeviceCommands } from './commands/device.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addHazardCommands } from './commands/hazard.ts'
import { addHealthyCommand } from './commands/healthy.ts'
import { addMeterCommands } from './commands/meter.ts'
import { addMigrateHistoryCommand } from './commands/migrate-history.ts'
import { addPlaceCommands } from './commands/place.ts'
import { addPlanCommands } from './commands/plan.ts'
import { addPlantCommands } from './commands/plant.ts'
import { addQuarantineCommands } from './commands/quarantine.ts'
import { addResidentCommands } from './commands/resident.ts'
import { addResponderCommands } from './commands/responder.ts'
import type { Run } from './commands/run.ts'
import { addStaffCommands } from './commands/staff.ts'
import { addTlsCommands } from './commands/tls.ts'
import { addTokenCommands } from './commands/token.ts'
import { addUserCommands } from './commands/user.ts'
import { addWorkOrderCommands } from './commands/work-order.ts'
import { addZoneCommands } from './commands/zone.ts'
import { readConfig } from './config.ts'
import { EXIT_FAILED, EXIT_MISTAKE, Mistake } from './mistake.ts'
import { Session } from './session.ts'

const run: Run =
  (action) =>
  async (...args) => {
    const session = new Session(readConfig(process.env), process.env)
    try {
      await action(session, ...args)
    } finally {
      await session.close()
    }
  }

/** Runs a command. Resolves with the exit code. @param typed what stands behind `hydrant` */
export async function runProgram(typed: readonly string[]): Promise<number> {
  const program = new Command('hydrant')
    .description('Hydrant at the command line. Works on HYDRANT_DATA_DIR (./data), also while Hydrant is running.')
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .exitOverride()
  addDeviceCommands(program, run)
  addPlaceCommands(program, run)
  addMeterCommands(program, run)
  addZoneCommands(program, run)
  addResidentCommands(program, run)
  addAloneCommands(program, run)
  addStaffCommands(program, run)
  addResponderCommands(program, run)
  addPlanCommands(program, run)
  addHazardCommands(program, run)
  addWorkOrderCommands(program, run)
  addPlantCommands(program, run)
  addChannelCommands(program, run)
  addUserCommands(program, run)
  addTokenCommands(program, run)
  addTlsCommands(program, run)
  addMigrateHistoryCommand(program, run)
  addBackupCommands(program, run)
  addQuarantineCommands(program, run)
  addDoctorCommand(program, run)
  addHealthyCommand(program, run)
  try {
    await program.parseAsync(typed, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    return tell(error)
  }
}

/** @returns the exit code */
function tell(error: unknown): number {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_MISTAKE
  if (error instanceof Mistake) {
    console.error(error.message)
    return EXIT_MISTAKE
  }
  console.error(error instanceof Error ? error.message : String(error))
  return EXIT_FAILED
}
