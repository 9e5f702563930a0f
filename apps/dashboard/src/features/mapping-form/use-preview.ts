import { mappingPreviewSchema } from '@crossfade/contracts/api/preview'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '../../shared/api.ts'
import type { CheckedDraft } from './check-draft.ts'

/** What saving would do, asked while somebody types (after 400 ms of quiet); nothing while fields are missing. */
export function usePreview(checked: CheckedDraft, environmentId: string, id: string | null) {
  const body = checked.ok ? JSON.stringify({ ...checked.input, environmentId, id }) : null
  const [settled] = useDebouncedValue(body, 400)
  return useQuery({
    queryKey: ['mappings', 'preview', settled],
    queryFn: ({ signal }) =>
      api.send('POST', '/mappings/preview', JSON.parse(settled ?? '{}'), mappingPreviewSchema, { signal }),
    enabled: settled !== null,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  })
}
