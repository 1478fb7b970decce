import { useQuery } from '@tanstack/react-query'
import { isAdmin } from '@/shared/workspace/roles'
import { Failed, ListSkeleton } from '@/shared/ui/page'
import { AppFrame } from './app-frame'
import { AppSettingsForm } from './app-settings-form'
import { appQuery } from './apps.queries'

/** One app's settings, to be changed by its admins and read by all. */
export function AppSettingsPage({ id }: { id: string }) {
  return (
    <AppFrame id={id} part="Settings">
      {(app) => <Settings id={id} mayChange={isAdmin(app)} />}
    </AppFrame>
  )
}

function Settings({ id, mayChange }: { id: string; mayChange: boolean }) {
  const app = useQuery(appQuery(id))
  if (app.data) return <AppSettingsForm key={id} app={app.data} mayChange={mayChange} />
  if (app.isError) return <Failed what="The settings" error={app.error} onRetry={() => void app.refetch()} />
  return <ListSkeleton rows={5} label="Loading the settings" />
}
