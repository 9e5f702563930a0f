export interface InstallLine {
  readonly id: 'npx' | 'env' | 'systemd' | 'docker'
  readonly label: string
  readonly hint: string
  readonly text: string
}

/** What to paste where, to start an agent that belongs to this control plane; without a name it takes its host's. */
export function installLines(parts: {
  controlUrl: string
  token: string
  name: string | null
}): readonly InstallLine[] {
  const { controlUrl, token, name } = parts
  const named = name === null ? [] : [['CROSSFADE_AGENT_NAME', name] as const]
  const settings = [
    ['CROSSFADE_CONTROL_URL', controlUrl],
    ['CROSSFADE_AGENT_TOKEN', token],
    ...named,
    ['CROSSFADE_LISTEN', '0.0.0.0:8080'],
    ['CROSSFADE_STATE_DIR', '/var/lib/crossfade-agent'],
  ] as const
  return [
    {
      id: 'npx',
      label: 'npx',
      hint: 'To try it in a terminal.',
      text: [
        `CROSSFADE_CONTROL_URL=${quoted(controlUrl)} \\`,
        `CROSSFADE_AGENT_TOKEN=${quoted(token)} \\`,
        ...named.map(([key, value]) => `${key}=${quoted(value)} \\`),
        'npx crossfade agent',
      ].join('\n'),
    },
    {
      id: 'env',
      label: 'Environment',
      hint: 'For whatever starts your programs. The token may also be a file: CROSSFADE_AGENT_TOKEN_FILE.',
      text: settings.map(([key, value]) => `${key}=${value}`).join('\n'),
    },
    {
      id: 'systemd',
      label: 'systemd',
      hint: 'As /etc/systemd/system/crossfade-agent.service, then: systemctl enable --now crossfade-agent',
      text: [
        '[Unit]',
        'Description=Crossfade agent',
        'After=network-online.target',
        '',
        '[Service]',
        ...settings.map(([key, value]) => `Environment=${key}=${value}`),
        'ExecStart=/usr/bin/env crossfade agent',
        'DynamicUser=yes',
        'StateDirectory=crossfade-agent',
        'Restart=always',
        'TimeoutStopSec=45',
        '',
        '[Install]',
        'WantedBy=multi-user.target',
      ].join('\n'),
    },
    {
      id: 'docker',
      label: 'Docker',
      hint: 'Keeps its snapshots in a volume, so that a restarted agent serves without the control plane.',
      text: [
        'docker run -d --name crossfade-agent --restart unless-stopped \\',
        '  -p 8080:8080 -v crossfade-agent:/var/lib/crossfade-agent \\',
        ...settings.map(([key, value]) => `  -e ${key}=${quoted(value)} \\`),
        '  crossfade agent',
      ].join('\n'),
    },
  ]
}

/** For a shell: plain words stay plain, everything else goes in single quotes. */
function quoted(value: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
}
