import { Skeleton, Stack, VisuallyHidden } from '@mantine/core'

/** Rows in the place of a list that is on its way, so that nothing jumps. */
export function LoadingRows(props: { rows?: number; height?: number }) {
  return (
    <Stack gap="sm" aria-busy>
      <VisuallyHidden>Loading</VisuallyHidden>
      {Array.from({ length: props.rows ?? 8 }, (_, row) => (
        <Skeleton key={row} height={props.height ?? 40} radius="sm" />
      ))}
    </Stack>
  )
}
