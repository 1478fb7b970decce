import { Outlet, useRouter } from '@tanstack/react-router'
import { CloudOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '@/shared/ui/button'
import { useWiderThan } from '@/shared/ui/media'
import { Notice } from '@/shared/ui/notice'
import { Skeleton } from '@/shared/ui/skeleton'
import { TooltipProvider } from '@/shared/ui/tooltip'
import { OrganizationNameDialog } from '@/features/organizations/organization-name-dialog'
import { CommandPalette } from './command-palette'
import { Frame, SkipLink } from './frame'
import { Sidebar } from './sidebar'
import { useSwitchPlace } from './switch-place'
import { TopBar } from './top-bar'
import { WorkspaceProvider } from './workspace-provider'

/** What surrounds every signed-in page: where one is, the way to each page, the command palette, the account. */
export function Shell({ onSignOut }: { onSignOut: () => void }) {
  return (
    <TooltipProvider delayDuration={300}>
      <WorkspaceProvider fallback={(error, retry) => (error ? <NotLoaded error={error} onRetry={retry} /> : <ShellSkeleton />)}>
        <LoadedShell onSignOut={onSignOut} />
      </WorkspaceProvider>
    </TooltipProvider>
  )
}

function LoadedShell({ onSignOut }: { onSignOut: () => void }) {
  const wide = useWiderThan(768)
  const [palette, setPalette] = useState(false)
  const [naming, setNaming] = useState(false)
  const { openOrganization } = useSwitchPlace()
  useFocusOnNavigation()
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
      event.preventDefault()
      setPalette((open) => !open)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  const actions = { onSearch: () => setPalette(true), onNewOrganization: () => setNaming(true), onSignOut }
  return (
    <div className="flex min-h-dvh max-md:flex-col">
      <SkipLink />
      {wide ? <Sidebar {...actions} /> : <TopBar {...actions} />}
      <main id="main" tabIndex={-1} className="flex min-w-0 flex-1 flex-col outline-none">
        <Outlet />
      </main>
      <CommandPalette open={palette} onOpenChange={setPalette} onNewOrganization={() => setNaming(true)} onSignOut={onSignOut} />
      {naming && <OrganizationNameDialog onClose={() => setNaming(false)} onCreated={openOrganization} />}
    </div>
  )
}

/** After a step to another page the focus is at its heading, as after loading one; a change within a page leaves it. */
function useFocusOnNavigation() {
  const router = useRouter()
  useEffect(
    () =>
      router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
        if (!fromLocation || !pathChanged) return
        const place = document.querySelector<HTMLElement>('main h1') ?? document.getElementById('main')
        place?.focus({ preventScroll: true })
      }),
    [router],
  )
}

function NotLoaded({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return (
    <Frame>
      <title>Causality</title>
      <Notice className="flex-1" heading role="alert" title="Your apps could not be loaded" icon={<CloudOff />} action={<Button onClick={onRetry}>Try again</Button>}>
        {error.message}
      </Notice>
    </Frame>
  )
}

function ShellSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="flex min-h-dvh">
      <div className="w-60 space-y-3 border-r border-border bg-surface p-3 max-md:hidden">
        <Skeleton className="h-8 w-32" />
        <Skeleton className="h-12" />
        <Skeleton className="h-12" />
      </div>
      <div className="flex-1 space-y-4 p-6">
        <Skeleton className="h-8 w-48" />
        <Skeleton className="h-64 max-w-4xl" />
      </div>
    </div>
  )
}
