import type { Permission } from '@crossfade/contracts/roles'
import { Button, type ButtonProps } from '@mantine/core'
import type { MouseEventHandler } from 'react'
import { useAllowed, WhyNot } from '../permission.tsx'

/** A button that says why when one's role does not allow it. It stays focusable, so that the reason can be read. */
export function AllowedButton({
  permission,
  why = '',
  onClick,
  ...rest
}: ButtonProps & {
  permission: Permission
  /** Another reason why not, besides the role; empty for none. */
  why?: string
  onClick?: MouseEventHandler<HTMLButtonElement>
  type?: 'submit' | 'button'
  'aria-label'?: string
}) {
  const role = useAllowed(permission)
  const reason = role.allowed ? why : role.why
  return (
    <WhyNot why={reason}>
      <Button
        type="button"
        {...rest}
        {...(reason !== '' && { 'data-disabled': true, 'aria-disabled': true })}
        onClick={(event) => {
          if (reason !== '') return event.preventDefault()
          onClick?.(event)
        }}
      />
    </WhyNot>
  )
}
