/** How a certificate stands with its end. */
export type ExpiryStanding = 'fine' | 'soon' | 'expired'

/** A month: also a person who is away for three weeks can still renew it in time. */
export const EXPIRY_NOTICE_DAYS = 30
const DAY_S = 86_400

export const expiryStanding = (secondsLeft: number): ExpiryStanding =>
  secondsLeft <= 0 ? 'expired' : secondsLeft < EXPIRY_NOTICE_DAYS * DAY_S ? 'soon' : 'fine'

/** Whole days left; 0 on the last one. */
export const daysLeft = (secondsLeft: number): number => Math.max(0, Math.floor(secondsLeft / DAY_S))
