import { useQuery } from '@tanstack/react-query'
import { environmentsQuery } from './queries.ts'

/** The name of an environment by its id; the id itself while it is not known. */
export function useEnvironmentNames(): (environmentId: string) => string {
  const environments = useQuery(environmentsQuery())
  return (environmentId) => environments.data?.find(({ id }) => id === environmentId)?.name ?? environmentId
}
