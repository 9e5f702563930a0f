import { notifications } from '@mantine/notifications'
import { asProblem } from '../api.ts'

/** Passing news. A second toast with the same `id` replaces the first, so that no stale button stays behind. */
export function toast(message: string, options: { id?: string; title?: string } = {}): void {
  if (options.id !== undefined) notifications.hide(options.id)
  notifications.show({
    ...options,
    message,
    autoClose: 6_000,
    closeButtonProps: { 'aria-label': 'Dismiss' },
  })
}

/** For failures that have no place of their own on the page. */
export function toastProblem(error: unknown, title?: string): void {
  const problem = asProblem(error)
  const id = problem.requestId === null ? '' : ` (request ${problem.requestId})`
  notifications.show({
    title: title ?? problem.title,
    message: `${problem.message}${id}`,
    color: 'red',
    autoClose: 12_000,
    closeButtonProps: { 'aria-label': 'Dismiss' },
  })
}
