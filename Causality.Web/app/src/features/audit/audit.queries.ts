import { infiniteQueryOptions } from '@tanstack/react-query'
import { answer, api, type Answered } from '@/shared/api'
import { filtersOf, type AuditSearch } from './audit-search'

export type AuditEntry = Answered<'/api/v1/organizations/{organization_id}/audit', 'get'>['entries'][number]

const pageSize = 50

/** The audit log, the newest first, page after page. */
export const auditQuery = (organization: string, search: AuditSearch) => {
  const filters = filtersOf(search)
  return infiniteQueryOptions({
    queryKey: ['audit', organization, filters],
    queryFn: ({ signal, pageParam }) =>
      answer(
        api.GET('/api/v1/organizations/{organization_id}/audit', {
          params: { path: { organization_id: organization }, query: { ...filters, limit: pageSize, ...(pageParam ? { before: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: (previous, query) => (query?.queryKey[1] === organization ? previous : undefined),
  })
}

export const auditCsvUrl = (organization: string, search: AuditSearch) => {
  const filters = new URLSearchParams(filtersOf(search)).toString()
  return `/api/v1/organizations/${organization}/audit.csv${filters ? `?${filters}` : ''}`
}
