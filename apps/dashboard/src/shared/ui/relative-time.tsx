import { dateTimeText, relativeText } from '../format.ts'
import { useNow } from '../clock.tsx'

/** `3 minutes ago`, with the full date on hover. `at`: ISO text or ms. */
export function RelativeTime(props: { at: string | number }) {
  const now = useNow(5_000)
  return (
    <time
      dateTime={new Date(props.at).toISOString()}
      title={dateTimeText(props.at)}
      style={{ whiteSpace: 'nowrap' }}
    >
      {relativeText(props.at, now)}
    </time>
  )
}
