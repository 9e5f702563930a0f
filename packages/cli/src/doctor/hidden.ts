/** Settings whose values say nothing that somebody could use. Everything else of ours is hidden. */
const harmless =
  /^CROSSFADE_(?:(?:CONTROL_|PUBLIC_)?URL|HOST|PORT|(?:[A-Z]+_)*LISTEN|(?:[A-Z]+_)*DIR|AGENT_NAME|LOG_LEVEL|ALLOW_NETWORKS|INSECURE|CLIENT_CERTS|(?:[A-Z]+_)*(?:CA|CERT|FILE)|TRAFFIC_LOG(?:_[A-Z]+)?|DRAIN_[A-Z]+)$/

/** Our settings in an environment, as they may be shown to anybody: what is not known to be harmless is hidden. */
export function shownSettings(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const ours = Object.entries(env)
    .filter(([name]) => name.startsWith('CROSSFADE_') || /^DATABASE_URL(_FILE)?$/.test(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(ours.map(([name, value]) => [name, shown(name, value ?? '')]))
}

function shown(name: string, value: string): string {
  if (name === 'DATABASE_URL') return bareAddress(value)
  if (!harmless.test(name) && name !== 'DATABASE_URL_FILE') return '(set, hidden)'
  return value.includes('://') ? bareAddress(value) : value
}

/** An address without user, password, query and fragment: each of them may be a secret. */
export function bareAddress(text: string): string {
  const url = URL.parse(text)
  return url === null ? '(not an address, hidden)' : `${url.protocol}//${url.host}${url.pathname}`
}
