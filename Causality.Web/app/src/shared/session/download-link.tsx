import { Download } from 'lucide-react'
import type { MouseEvent, ReactNode } from 'react'
import { answer, api } from '@/shared/api'
import { buttonStyle } from '@/shared/ui/button'
import { toast } from '@/shared/ui/toast'

/** Downloads what the host answers as a file. That is no request of the API client, so the session is renewed before it where need be. */
export function DownloadLink({ href, what, children }: { href: string; /** As a sentence begins: "The log". */ what: string; children: ReactNode }) {
  const download = async (event: MouseEvent<HTMLAnchorElement>) => {
    event.preventDefault()
    try {
      await answer(api.GET('/api/v1/auth/me'))
    } catch (error) {
      toast({ title: `${what} could not be downloaded`, description: error instanceof Error ? error.message : undefined, tone: 'danger' })
      return
    }
    const link = Object.assign(document.createElement('a'), { href, download: '' })
    link.click()
  }
  return (
    <a href={href} download onClick={(event) => void download(event)} className={buttonStyle({ variant: 'outline' })}>
      <Download aria-hidden />
      {children}
    </a>
  )
}
