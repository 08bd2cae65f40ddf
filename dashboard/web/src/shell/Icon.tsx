import type { ReactNode } from 'react'

/** Line icons of the console, 24 × 24, drawn here so that nothing is loaded from elsewhere. */
const PATHS = {
  map: 'M9 4 3 6.5v13L9 17l6 3 6-2.500v-13L15 7 9 4zm0 0v13m6-10v13',
  devices: 'M4 5h16M4 12h16M4 19h16M7 3v4m6 3v4m-3 3v4',
  question: 'M9 9a3 3 0 1 1 4.200 2.750c-.8.4-1.200 1-1.200 1.750v.5m0 3.500v.01M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18z',
  system: 'M4 6h16v5H4zm0 7h16v5H4zm3-4.500h.01M7 15.500h.01',
  search: 'M11 18a7 7 0 1 1 0-14 7 7 0 0 1 0 14zm5-2 4.500 4.500',
  sun: 'M12 16a4 4 0 1 1 0-8 4 4 0 0 1 0 8zM12 3v2m0 14v2M5.600 5.600 7 7m10 10 1.400 1.400M3 12h2m14 0h2M5.600 18.400 7 17M17 7l1.400-1.400',
  moon: 'M20 14.500A8 8 0 1 1 9.500 4 6.500 6.500 0 0 0 20 14.500z',
  bell: 'M6 16v-5a6 6 0 0 1 12 0v5l1.500 2h-15L6 16zm4 4.500a2.200 2.200 0 0 0 4 0',
  bellOff:
    'M6 16v-5a6 6 0 0 1 .8-3M10 5.400A6 6 0 0 1 18 11v4m.500 3h-14L6 16M10 20.500a2.200 2.200 0 0 0 4 0M4 4l16 16',
  wall: 'M3 5h18v11H3zM9 20h6m-3-4v4',
  keyboard: 'M3 6h18v12H3zm4 4h.01M11 10h.01M15 10h.01M8 14h8',
  signOut: 'M10 4H5v16h5m4-4 4-4-4-4m4 4H9',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20c.8-4 3.500-6 7.500-6s6.700 2 7.500 6',
  people:
    'M9 12a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 19.500c.6-3.500 2.900-5.500 6.500-5.500s5.900 2 6.500 5.500M16 5.500a3.200 3.200 0 0 1 0 6M17.500 14.300c2.300.6 3.600 2.400 4 5.200',
  close: 'M6 6l12 12M18 6 6 18',
  left: 'M14 8l-4 4 4 4',
  right: 'M10 8l4 4-4 4',
  replay: 'M4 12a8 8 0 1 1 2.500 5.800M4 12V7m0 5h5',
  download: 'M12 4v11m0 0-4-4m4 4 4-4M5 19h14',
  upload: 'M12 15V4m0 0-4 4m4-4 4 4M5 19h14',
  audit: 'M6 3h9l4 4v14H6zM9 11h7M9 15h7M9 7h3',
  locate: 'M12 18a6 6 0 1 1 0-12 6 6 0 0 1 0 12zm0-15v3m0 12v3M3 12h3m12 0h3',
  chevron: 'M8 10l4 4 4-4',
  chevronUp: 'M8 14l4-4 4 4',
  comment: 'M4 5h16v11H10l-4 4v-4H4z',
  check: 'M5 12.500 10 17.500 19.500 7',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  home: 'M4 11 12 4l8 7v9h-5v-6H9v6H4z',
  print: 'M7 9V4h10v5M7 17H4v-8h16v8h-3M7 14h10v6H7z',
  legend: 'M5 6h.01M9 6h10M5 12h.01M9 12h10M5 18h.01M9 18h10',
  external: 'M14 4h6v6m0-6-9 9M18 14v6H4V6h6',
  water: 'M12 3.500c3.500 4.300 6 7.300 6 10.500a6 6 0 0 1-12 0c0-3.200 2.500-6.200 6-10.500z',
  fire: 'M12 3c1 4 5 5.500 5 10.500a5 5 0 0 1-10 0c0-2 1-3.300 2-4.500.3 1.500 1 2.200 2 2.500C10.500 8.500 11 6 12 3z',
  care: 'M12 20s-7.500-4.500-7.500-10A4 4 0 0 1 12 7.600 4 4 0 0 1 19.500 10c0 5.500-7.500 10-7.500 10z',
  plant: 'M4 20V10l5 3v-3l5 3V4h4v16z',
  broadcast: 'M4 10v4h4l7 4V6l-7 4H4zm14-1.500a5 5 0 0 1 0 7M8 14v5h3v-3.300',
  gateway: 'M12 14v6M8 20h8M12 12v.01M8.500 9a5 5 0 0 1 7 0M5.500 6a9.200 9.200 0 0 1 13 0',
} as const
export type IconName = keyof typeof PATHS

export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" className="icon">
      <path d={PATHS[name]} stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  )
}
