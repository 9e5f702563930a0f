import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconHandStop } from '@tabler/icons-react'
import { lazy, Suspense, useEffect } from 'react'
import { useAllowed, WhyNot } from '../shared/permission.tsx'

const loadDialog = () => import('./kill-switch-dialog.tsx')
const KillSwitchDialog = lazy(async () => ({ default: (await loadDialog()).KillSwitchDialog }))

/** In the top bar of every page. The dialog is fetched before it is needed: on the day it is, nothing may answer. */
export function KillSwitchButton() {
  const [opened, { open, close }] = useDisclosure()
  const { allowed, why } = useAllowed('rollback')
  useEffect(() => {
    if (allowed) void loadDialog()
  }, [allowed])
  return (
    <>
      <WhyNot why={why === '' ? 'Roll back everything in this environment' : why}>
        <Button
          className="cf-kill-switch"
          variant="default"
          size="xs"
          leftSection={<IconHandStop size={16} color="var(--cf-bad)" aria-hidden />}
          onClick={() => allowed && open()}
          aria-label="Kill switch"
          {...(!allowed && { 'data-disabled': true, 'aria-disabled': true })}
        >
          <span>Kill switch</span>
        </Button>
      </WhyNot>
      {opened && (
        <Suspense>
          <KillSwitchDialog onClose={close} />
        </Suspense>
      )}
    </>
  )
}
