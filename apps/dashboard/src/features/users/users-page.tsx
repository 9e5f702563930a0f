import { Tabs } from '@mantine/core'
import { IconKey, IconUserCircle, IconUsers } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useAllowed } from '../../shared/permission.tsx'
import { PageHeader } from '../../shared/ui/page-header.tsx'
import { AccountTab } from './account-tab.tsx'
import { PeopleTab } from './people-tab.tsx'
import { TokensTab } from './tokens-tab.tsx'

const tabs = ['people', 'tokens', 'account'] as const

/** People, API tokens, and one's own account. */
export function UsersPage() {
  const search = useSearch({ from: '/frame/people' })
  const navigate = useNavigate({ from: '/people' })
  const mayManage = useAllowed('user.manage')
  const tab = search.tab ?? (mayManage.allowed ? 'people' : 'account')
  return (
    <>
      <PageHeader title="People & tokens" />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(next) => void navigate({ search: { tab: tabs.find((known) => known === next) } })}
      >
        <Tabs.List mb="lg">
          <Tabs.Tab value="people" leftSection={<IconUsers size={16} aria-hidden />}>
            People
          </Tabs.Tab>
          <Tabs.Tab value="tokens" leftSection={<IconKey size={16} aria-hidden />}>
            API tokens
          </Tabs.Tab>
          <Tabs.Tab value="account" leftSection={<IconUserCircle size={16} aria-hidden />}>
            Your account
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="people">
          <PeopleTab />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <TokensTab />
        </Tabs.Panel>
        <Tabs.Panel value="account">
          <AccountTab />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}
