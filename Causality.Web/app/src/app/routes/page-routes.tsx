import { createRoute } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { ApiKeysPage } from '@/features/apps/api-keys-page'
import { AppSettingsPage } from '@/features/apps/app-settings-page'
import { AppsPage } from '@/features/apps/apps-page'
import { NewAppPage } from '@/features/apps/new-app-page'
import { SetUpPage } from '@/features/apps/set-up-page'
import { TrackingCodePage } from '@/features/apps/tracking-code-page'
import { AuditPage } from '@/features/audit/audit-page'
import { validateAuditSearch } from '@/features/audit/audit-search'
import { DeadLettersPage } from '@/features/operations/dead-letters-page'
import { validateDeadLettersSearch } from '@/features/operations/dead-letters-search'
import { HostsPage } from '@/features/operations/hosts-page'
import { JobsPage } from '@/features/operations/jobs-page'
import { MembersPage } from '@/features/organizations/members-page'
import { ProfilePage } from '@/features/profile/profile-page'
import { validateTrendsSearch } from '@/features/trends/trends-search'
import { signedIn } from './root'

/** Loaded apart, for they bring the charts: sign-in opens without them. */
const TrendsPage = lazy(async () => ({ default: (await import('@/features/trends/trends-page')).TrendsPage }))

const PipelinePage = lazy(async () => ({ default: (await import('@/features/pipeline/pipeline-page')).PipelinePage }))

const one = (name: 'app' | 'organization') => (raw: Record<string, unknown>) => {
  const value = raw[name]
  return (typeof value === 'string' && value !== '' ? { [name]: value } : {}) as { app?: string; organization?: string }
}

const trendsRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/trends',
  validateSearch: validateTrendsSearch,
  component: function Trends() {
    const navigate = trendsRoute.useNavigate()
    return (
      <Suspense>
        <TrendsPage search={trendsRoute.useSearch()} onSearch={(search, options) => void navigate({ search, ...options })} />
      </Suspense>
    )
  },
})

const pipelineRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/pipeline',
  validateSearch: one('app'),
  component: function Pipeline() {
    return (
      <Suspense>
        <PipelinePage named={pipelineRoute.useSearch().app} />
      </Suspense>
    )
  },
})

const appsRoute = createRoute({ getParentRoute: () => signedIn, path: '/apps', validateSearch: one('organization'), component: AppsPage })

const newAppRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/apps/new',
  validateSearch: one('organization'),
  component: function NewApp() {
    const navigate = newAppRoute.useNavigate()
    return <NewAppPage onCreated={(appId) => void navigate({ to: '/apps/$appId/set-up', params: { appId }, replace: true })} />
  },
})

const appRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/apps/$appId',
  component: function App() {
    const { appId } = appRoute.useParams()
    return <AppSettingsPage key={appId} id={appId} />
  },
})

const keysRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/apps/$appId/keys',
  component: function Keys() {
    const { appId } = keysRoute.useParams()
    return <ApiKeysPage key={appId} id={appId} />
  },
})

const setUpRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/apps/$appId/set-up',
  component: function SetUp() {
    const { appId } = setUpRoute.useParams()
    return <SetUpPage key={appId} id={appId} />
  },
})

const trackingCodeRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/tracking-code',
  validateSearch: one('app'),
  component: function TrackingCode() {
    return <TrackingCodePage named={trackingCodeRoute.useSearch().app} />
  },
})

const membersRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/members',
  validateSearch: one('organization'),
  component: function Members() {
    const navigate = membersRoute.useNavigate()
    return <MembersPage onLeft={() => void navigate({ to: '/' })} />
  },
})

const auditRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/audit',
  validateSearch: validateAuditSearch,
  component: function Audit() {
    const navigate = auditRoute.useNavigate()
    return <AuditPage search={auditRoute.useSearch()} onSearch={(search) => void navigate({ search, replace: true })} />
  },
})

const jobsRoute = createRoute({ getParentRoute: () => signedIn, path: '/operations', component: JobsPage })

const hostsRoute = createRoute({ getParentRoute: () => signedIn, path: '/operations/hosts', component: HostsPage })

const deadLettersRoute = createRoute({
  getParentRoute: () => signedIn,
  path: '/operations/dead-letters',
  validateSearch: validateDeadLettersSearch,
  component: function DeadLetters() {
    const navigate = deadLettersRoute.useNavigate()
    return <DeadLettersPage search={deadLettersRoute.useSearch()} onSearch={(search) => void navigate({ search })} />
  },
})

const profileRoute = createRoute({ getParentRoute: () => signedIn, path: '/profile', component: ProfilePage })

export const pageRoutes = [
  trendsRoute,
  pipelineRoute,
  appsRoute,
  newAppRoute,
  appRoute,
  keysRoute,
  setUpRoute,
  trackingCodeRoute,
  membersRoute,
  auditRoute,
  jobsRoute,
  hostsRoute,
  deadLettersRoute,
  profileRoute,
] as const
