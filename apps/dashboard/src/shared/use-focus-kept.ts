import { useEffect, useRef, type RefObject } from 'react'

/**
 * When `state` changes and what had the focus went away with it, `heir` gets the focus: otherwise people at a
 * keyboard begin again at the top of the page.
 */
export function useFocusKept(heir: RefObject<HTMLElement | null>, state: unknown): void {
  const before = useRef(state)
  useEffect(() => {
    if (Object.is(before.current, state)) return
    before.current = state
    focusIfLost(heir.current)
  }, [heir, state])
}

export function focusIfLost(heir: HTMLElement | null): void {
  const { activeElement, body } = document
  if (activeElement === null || activeElement === body) heir?.focus({ preventScroll: true })
}
