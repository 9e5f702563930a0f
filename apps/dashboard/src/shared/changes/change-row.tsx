import type { Change } from '@crossfade/contracts/api/changes'
import { Badge, Code, Collapse, Group, Stack, Switch, Text, UnstyledButton } from '@mantine/core'
import {
  IconChevronRight,
  IconClock,
  IconKey,
  IconRobot,
  IconServer,
  IconShieldCheck,
  IconUser,
} from '@tabler/icons-react'
import { useId, useState } from 'react'
import { dateTimeText } from '../format.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { AnchorLink } from '../ui/links.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { sentenceOf } from './change-sentence.ts'
import classes from './changes.module.css'
import { DiffTable } from './diff-table.tsx'

const icons = {
  user: IconUser,
  token: IconKey,
  agent: IconServer,
  system: IconRobot,
  schedule: IconClock,
  guardrail: IconShieldCheck,
} as const satisfies Record<Change['actor']['kind'], unknown>

const sourceWords: Readonly<Record<string, string | undefined>> = { api: 'API', cli: 'CLI' }

/** One change: its sentence, and on demand what differed. */
export function ChangeRow(props: { change: Change; initiallyOpen?: boolean }) {
  const { change } = props
  const [isOpen, setOpen] = useState(props.initiallyOpen ?? false)
  const details = useId()
  const { who, did } = sentenceOf(change)
  const Icon = icons[change.actor.kind]
  return (
    <li className={classes.row} data-open={isOpen || undefined}>
      <UnstyledButton
        className={classes.head}
        onClick={() => setOpen(!isOpen)}
        aria-expanded={isOpen}
        aria-controls={details}
      >
        <span className={classes.icon} data-kind={change.actor.kind}>
          <Icon size={16} aria-hidden />
        </span>
        <span className={classes.text}>
          <Text span size="sm">
            <strong>{who}</strong> {did}
          </Text>
          {change.reason !== null && change.reason !== '' && (
            <Text span size="sm" c="dimmed" className={classes.reason}>
              “{change.reason}”
            </Text>
          )}
        </span>
        <Badge variant="default" tt="none" fw={500} className={classes.source}>
          {sourceWords[change.source] ?? change.source}
        </Badge>
        <Text span size="sm" c="dimmed" className={classes.time}>
          <RelativeTime at={change.at} />
        </Text>
        <IconChevronRight size={16} aria-hidden className={classes.chevron} />
      </UnstyledButton>
      <Collapse expanded={isOpen} id={details}>
        {isOpen && <ChangeDetails change={change} />}
      </Collapse>
    </li>
  )
}

function ChangeDetails({ change }: { change: Change }) {
  const [isWhole, setWhole] = useState(false)
  const link = `${window.location.origin}/audit?seq=${change.seq}`
  return (
    <Stack gap="sm" className={classes.details}>
      {isWhole ? <WholeObject change={change} /> : <DiffTable before={change.before} after={change.after} />}
      <Group gap="lg" justify="space-between">
        <Switch
          size="sm"
          label="Show whole object"
          checked={isWhole}
          onChange={(event) => setWhole(event.currentTarget.checked)}
        />
        <Group gap="md">
          <Text size="xs" c="dimmed">
            <span title={new Date(change.at).toISOString()}>{dateTimeText(change.at)}</span> ·{' '}
            <Code>{change.act}</Code>
            {change.revision !== null && ` · revision ${change.revision}`}
            {change.requestId !== null && (
              <>
                {' · request '}
                <Code>{change.requestId}</Code>
              </>
            )}
          </Text>
          <Group gap={4}>
            <AnchorLink size="xs" to="/audit" search={{ seq: change.seq }}>
              Change {change.seq}
            </AnchorLink>
            <CopyButton value={link} label="Copy the link to this change" />
          </Group>
        </Group>
      </Group>
    </Stack>
  )
}

function WholeObject({ change: { before, after } }: { change: Change }) {
  return (
    <div className={classes.whole}>
      {(
        [
          ['Before', before],
          ['After', after],
        ] as const
      ).map(([title, value]) => (
        <div key={title}>
          <Text size="xs" fw={600} mb={4}>
            {title}
          </Text>
          <Code block>
            {value === null || value === undefined ? 'nothing' : JSON.stringify(value, null, 2)}
          </Code>
        </div>
      ))}
    </div>
  )
}
