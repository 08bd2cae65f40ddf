import type { Answer } from '../../../../contract/alone.ts'
import { post } from '../incident/incident-act.ts'

const pathOf = (deviceId: string): string => `/api/alone/${encodeURIComponent(deviceId)}`

/** @returns whether it was accepted; says why where it was not */
export const sendAnswer = (deviceId: string, answer: Answer, contact: number | null, note = ''): Promise<boolean> =>
  post(`${pathOf(deviceId)}/answers`, { answer, contact, note })

export const sendAway = (deviceId: string, until: number | null, note = ''): Promise<boolean> =>
  post(`${pathOf(deviceId)}/away`, { until, note })

export const sendBack = (deviceId: string): Promise<boolean> => post(`${pathOf(deviceId)}/back`, {})
