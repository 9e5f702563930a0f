import { changeSchema, type Change } from '@crossfade/contracts/api/changes'
import { Button, Menu } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { api } from '../../shared/api.ts'
import type { ChangesFilter } from '../../shared/changes/changes-query.ts'
import { toast, toastProblem } from '../../shared/ui/toast.ts'
import { csvOfChanges, jsonlOfChanges } from './export-changes.ts'

const formats = {
  csv: { write: csvOfChanges, type: 'text/csv;charset=utf-8' },
  jsonl: { write: jsonlOfChanges, type: 'application/jsonl' },
} as const satisfies Record<string, { write: (changes: readonly Change[]) => string; type: string }>

/** Saves exactly what the filters show, read to its end (at most 10 000 entries). */
export function ExportMenu(props: { filter: ChangesFilter }) {
  const save = useMutation({
    mutationFn: async (format: keyof typeof formats) => {
      const changes = await api.list('/changes', changeSchema, props.filter)
      const { write, type } = formats[format]
      download(`crossfade-audit.${format}`, new Blob([write(changes)], { type }))
      return changes.length
    },
    onSuccess: (count) =>
      toast(`${count} ${count === 1 ? 'entry' : 'entries'} saved`, { id: 'audit-export' }),
    onError: (error) => toastProblem(error, 'The export failed'),
  })
  return (
    <Menu>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          loading={save.isPending}
        >
          Export this view
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => save.mutate('csv')}>CSV</Menu.Item>
        <Menu.Item onClick={() => save.mutate('jsonl')}>JSONL</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
