import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { isAdministrator, sessionQuery } from '@/shared/session/session.queries'
import { NeedsRole, Page } from '@/shared/ui/page'
import { tabStyle } from '@/shared/ui/tabs'

/** What the pages of the installation share: the way between them, and that only its administrators may see them. */
export function OperationsFrame({ part, children }: { part: string; children: ReactNode }) {
  const session = useQuery(sessionQuery)
  const may = isAdministrator(session.data)
  return (
    <Page wide title="Operations" documentTitle={[part, 'Operations']} description={may ? 'What this installation does by itself, the processes that it consists of, and what it could not store.' : undefined}>
      {may ? (
        <>
          <nav aria-label="Operations" className="-mt-2 flex gap-1 overflow-x-auto border-b border-border">
            <Link to="/operations" activeOptions={{ exact: true }} className={tabStyle}>
              Jobs
            </Link>
            <Link to="/operations/hosts" className={tabStyle}>
              Hosts
            </Link>
            <Link to="/operations/dead-letters" activeOptions={{ includeSearch: false }} className={tabStyle}>
              Dead letters
            </Link>
          </nav>
          {children}
        </>
      ) : (
        <NeedsRole title="Operations are for administrators of the installation">
          {session.data ? `You are signed in as ${session.data.email}, who is none. A role in an organization does not suffice: ask whoever runs this installation.` : 'Sign in first.'}
        </NeedsRole>
      )}
    </Page>
  )
}
