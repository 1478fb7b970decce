import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { CodeBlock } from '@/shared/ui/code-block'
import { Failed } from '@/shared/ui/page'
import { Skeleton } from '@/shared/ui/skeleton'
import { Tabs, TabsContent, TabsList, TabsTrigger } from '@/shared/ui/tabs'
import { trackingCodeQuery } from './apps.queries'

const placeholder = 'YOUR_API_KEY'

/** How each stack sends an event, with the key in its place where there is one. */
export function Snippets({ app, apiKey }: { app: string; apiKey?: string | undefined }) {
  const code = useQuery(trackingCodeQuery(app))
  const [chosen, setChosen] = useState<string>()
  if (code.isError && !code.data) return <Failed what="The tracking code" error={code.error} onRetry={() => void code.refetch()} />
  if (!code.data)
    return (
      <div role="status" aria-label="Loading the tracking code" className="space-y-3">
        <Skeleton className="h-9 w-64" />
        <Skeleton className="h-48" />
      </div>
    )
  const { snippets } = code.data
  return (
    <Tabs value={chosen ?? snippets[0]?.title ?? ''} onValueChange={setChosen} className="space-y-3">
      <TabsList aria-label="Stack">
        {/* by title: a stack may have several, as mobile has Kotlin and Swift */}
        {snippets.map(({ title }) => (
          <TabsTrigger key={title} value={title}>
            {title}
          </TabsTrigger>
        ))}
      </TabsList>
      {snippets.map(({ title, language, code }) => (
        <TabsContent key={title} value={title} tabIndex={-1} className="outline-none">
          <CodeBlock code={apiKey ? code.replaceAll(placeholder, apiKey) : code} language={language} label={`${title}: code`} />
        </TabsContent>
      ))}
    </Tabs>
  )
}
