import { Container } from '@mantine/core'
import { IconMapOff } from '@tabler/icons-react'
import { useRouter } from '@tanstack/react-router'
import { EmptyState } from '../shared/ui/empty-state.tsx'
import { AnchorLink, ButtonLink } from '../shared/ui/links.tsx'
import { ProblemNotice } from '../shared/ui/problem-notice.tsx'

export function NotFoundPage() {
  return (
    <EmptyState
      icon={<IconMapOff />}
      title="There is no such page"
      actions={<ButtonLink to="/mappings">Go to the mappings</ButtonLink>}
    >
      If it was deleted, the <AnchorLink to="/audit">audit trail</AnchorLink> says by whom and when.
    </EmptyState>
  )
}

export function BrokenPage(props: { error: unknown }) {
  const router = useRouter()
  return (
    <Container size="sm" py={80}>
      <ProblemNotice error={props.error} onRetry={() => void router.invalidate()} />
    </Container>
  )
}
