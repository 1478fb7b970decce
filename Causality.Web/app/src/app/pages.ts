import { AppWindow, ChartLine, CodeXml, ScrollText, ServerCog, UsersRound, Workflow } from 'lucide-react'
import { isAdmin } from '@/shared/workspace/roles'
import type { Workspace } from '@/shared/workspace/workspace'

/**
 * The pages as sidebar and command palette list them: those that one's role may use, each of the app or organization that is open;
 * and for an administrator those of the installation.
 */
export function pagesOf({ organization, app }: Workspace, administrator: boolean) {
  const ofApp = app ? { app: app.id } : {}
  const ofOrganization = organization ? { organization: organization.id } : {}
  return [
    {
      group: 'Analyze',
      pages: [
        { to: '/trends', search: ofApp, label: 'Trends', icon: ChartLine },
        { to: '/pipeline', search: ofApp, label: 'Pipeline', icon: Workflow },
      ],
    },
    {
      group: 'Set-up',
      pages: [
        { to: '/apps', search: ofOrganization, label: 'Apps', icon: AppWindow },
        { to: '/tracking-code', search: ofApp, label: 'Tracking code', icon: CodeXml },
      ],
    },
    {
      group: 'Organization',
      pages: [
        { to: '/members', search: ofOrganization, label: 'Members', icon: UsersRound },
        ...(isAdmin(organization) ? [{ to: '/audit' as const, search: ofOrganization, label: 'Audit', icon: ScrollText }] : []),
      ],
    },
    ...(administrator ? ([{ group: 'Installation', pages: [{ to: '/operations', search: {}, label: 'Operations', icon: ServerCog }] }] as const) : []),
  ] as const
}
