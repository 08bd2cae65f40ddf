/** What calls itself what, the more particular first: Edge also says Chrome, and Chrome also says Safari. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bMicroMessenger\//, 'WeChat'],
  [/\bDingTalk\//i, 'DingTalk'],
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\//, 'Firefox'],
  [/\b(Headless)?Chrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\bHarmonyOS|OpenHarmony/, 'HarmonyOS'],
  [/\bAndroid/, 'Android'],
  [/\biPhone|iPad/, 'iOS'],
  [/\bWindows/, 'Windows'],
  [/\bMac OS X/, 'macOS'],
  [/\bLinux/, 'Linux'],
]

/** "Firefox · Windows" of what a browser calls itself; undefined for a program nobody knows. */
export function browserName(agent: string): string | undefined {
  const found = [BROWSERS, SYSTEMS].flatMap((table) => table.find(([sign]) => sign.test(agent))?.[1] ?? [])
  return found.length === 0 ? undefined : found.join(' · ')
}
