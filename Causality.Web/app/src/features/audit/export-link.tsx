import { Download } from 'lucide-react'
import type { MouseEvent } from 'react'
import { buttonStyle } from '@/shared/ui/button'
import { toast } from '@/shared/ui/toast'
import type { AuditSearch } from './audit-search'
import { auditCsvUrl, renewSession } from './audit.queries'

/** Downloads what the filters find, all of it, as CSV. */
export function ExportLink({ organization, search }: { organization: string; search: AuditSearch }) {
  const href = auditCsvUrl(organization, search)
  const download = async (event: MouseEvent<HTMLAnchorElement>) => {
    event.preventDefault()
    try {
      await renewSession()
    } catch (error) {
      toast({ title: 'The log could not be exported', description: error instanceof Error ? error.message : undefined, tone: 'danger' })
      return
    }
    const link = Object.assign(document.createElement('a'), { href, download: '' })
    link.click()
  }
  return (
    <a href={href} download onClick={(event) => void download(event)} className={buttonStyle({ variant: 'outline' })}>
      <Download aria-hidden />
      Export CSV
    </a>
  )
}
