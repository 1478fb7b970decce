import { useInfiniteQuery } from '@tanstack/react-query'
import { ScrollText, SearchX } from 'lucide-react'
import { DownloadLink } from '@/shared/session/download-link'
import { isAdmin, roleOf, withArticle } from '@/shared/workspace/roles'
import { useWorkspace } from '@/shared/workspace/workspace'
import type { Organization } from '@/shared/workspace/workspace.queries'
import { Alert } from '@/shared/ui/alert'
import { Button } from '@/shared/ui/button'
import { cn } from '@/shared/ui/cn'
import { Notice } from '@/shared/ui/notice'
import { Failed, ListSkeleton, NeedsRole, Page, Panel } from '@/shared/ui/page'
import { AuditFilters } from './audit-filters'
import { AuditRow } from './audit-row'
import { isNarrowed, type AuditSearch } from './audit-search'
import { auditCsvUrl, auditQuery } from './audit.queries'

interface Props {
  search: AuditSearch
  onSearch: (search: AuditSearch) => void
}

/** Who did what, when and from where; for the organization's admins. */
export function AuditPage(props: Props) {
  const { organization } = useWorkspace()
  const mayRead = organization !== undefined && isAdmin(organization)
  return (
    <Page
      wide
      title="Audit"
      documentTitle={['Audit', organization?.name]}
      description={mayRead ? `Who did what in ${organization.name}, and when. Nothing here can be altered.` : undefined}
      action={
        mayRead && (
          <DownloadLink href={auditCsvUrl(organization.id, props.search)} what="The log">
            Export CSV
          </DownloadLink>
        )
      }
    >
      {mayRead ? (
        <Log key={organization.id} organization={organization} {...props} />
      ) : (
        <NeedsRole title="The audit log needs the role admin">
          {organization ? `You are ${withArticle(roleOf(organization.role))} of ${organization.name}. Ask one of its admins.` : 'You belong to no organization.'}
        </NeedsRole>
      )}
    </Page>
  )
}

function Log({ organization, search, onSearch }: Props & { organization: Organization }) {
  const log = useInfiniteQuery(auditQuery(organization.id, search))
  const entries = log.data?.pages.flatMap((page) => page.entries) ?? []
  const clear = () => onSearch({ organization: search.organization })
  return (
    <div className="space-y-4">
      <AuditFilters search={search} actions={log.data?.pages[0]?.actions ?? []} onSearch={onSearch} />
      {!log.data ? (
        log.isError ? (
          <Failed what="The audit log" error={log.error} onRetry={() => void log.refetch()} />
        ) : (
          <ListSkeleton rows={8} label="Loading the audit log" />
        )
      ) : entries.length === 0 ? (
        <Panel>
          {isNarrowed(search) ? (
            <Notice role="status" title="Nothing matches" icon={<SearchX />} action={<Button onClick={clear}>Clear the filters</Button>}>
              No entry has all of what you ask for.
            </Notice>
          ) : (
            <Notice role="status" title="Nothing has happened yet" icon={<ScrollText />}>
              Changes to members, apps and keys will be listed here.
            </Notice>
          )}
        </Panel>
      ) : (
        <>
          {log.isError && !log.isFetchNextPageError && <Alert>The list is not up to date: {log.error.message}</Alert>}
          <Panel className={cn('transition-opacity delay-150', log.isPlaceholderData && 'opacity-60')}>
            <ul aria-label="Entries" aria-busy={log.isPlaceholderData} className="@container divide-y divide-border">
              {entries.map((entry) => (
                <AuditRow key={entry.id} entry={entry} onActor={(actor) => onSearch({ ...search, actor })} />
              ))}
            </ul>
          </Panel>
          {log.isFetchNextPageError && <Alert>More could not be loaded: {log.error.message}</Alert>}
          {log.hasNextPage && (
            <div className="flex justify-center">
              <Button variant="outline" disabled={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
                {log.isFetchingNextPage ? 'Loading…' : 'Load more'}
              </Button>
            </div>
          )}
        </>
      )}
    </div>
  )
}
