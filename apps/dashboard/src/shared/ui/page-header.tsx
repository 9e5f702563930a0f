import { Group, Text, Title } from '@mantine/core'
import { useEffect, type ReactNode } from 'react'
import classes from './page-header.module.css'

/** Every page begins with one: the only `h1`, the document title, and the page's actions on the right. */
export function PageHeader(props: {
  title: string
  description?: ReactNode
  actions?: ReactNode
  /** When the tab should say more than the heading, such as the share. */
  documentTitle?: string
}) {
  const title = props.documentTitle ?? props.title
  useEffect(() => {
    document.title = `${title} · Crossfade`
  }, [title])
  return (
    <div className={classes.header}>
      <div className={classes.words}>
        <Title order={1} size="h2" style={{ overflowWrap: 'anywhere' }}>
          {props.title}
        </Title>
        {props.description !== undefined && (
          <Text component="div" c="dimmed" mt={4}>
            {props.description}
          </Text>
        )}
      </div>
      {props.actions !== undefined && (
        <Group gap="sm" className={classes.actions}>
          {props.actions}
        </Group>
      )}
    </div>
  )
}
