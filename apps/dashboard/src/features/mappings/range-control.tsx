import { SegmentedControl } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { spans } from './chart-data.ts'
import { ranges, type Range } from './mappings-search.ts'

/** The range in the address; five minutes without one. */
export function useRange(): Range {
  return useSearch({ from: '/frame/mappings/$id' }).range ?? '5m'
}

export function RangeControl() {
  const navigate = useNavigate({ from: '/mappings/$id' })
  const range = useRange()
  return (
    <SegmentedControl
      size="xs"
      aria-label="Time range"
      value={range}
      data={ranges.map((value) => ({ value, label: spans[value].words }))}
      onChange={(value) =>
        void navigate({ search: (before) => ({ ...before, range: value }), replace: true })
      }
    />
  )
}
