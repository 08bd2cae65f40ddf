import { misspeltSettings } from '../../contract/misspelt-settings.ts'
import { bad, type Check } from './check.ts'

/** Variables that nothing reads: whoever set one believes that it works. */
export const checkSettings = (env: NodeJS.ProcessEnv): readonly Check[] =>
  misspeltSettings(env).map((sentence) =>
    bad('settings', sentence, 'Correct or remove it; .env.example names every setting.'),
  )
