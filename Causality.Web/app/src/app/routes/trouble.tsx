import { useRouter, type ErrorComponentProps } from '@tanstack/react-router'
import { CloudOff, Compass, TriangleAlert } from 'lucide-react'
import { Frame } from '@/app/frame'
import { Button } from '@/shared/ui/button'
import { Notice } from '@/shared/ui/notice'

const said = (error: unknown) => (error instanceof Error ? error.message : 'Something went wrong.')

export function NotFound() {
  const router = useRouter()
  return (
    <Frame>
      <title>Not found · Causality</title>
      <Notice
        className="flex-1"
        heading
        title="There is no such page"
        icon={<Compass />}
        action={<Button onClick={() => void router.navigate({ to: '/trends' })}>Open Trends</Button>}
      />
    </Frame>
  )
}

/** Nothing could be asked, not even who is signed in. */
export function Unreachable({ error }: ErrorComponentProps) {
  const router = useRouter()
  return (
    <Frame>
      <title>Causality</title>
      <Notice
        className="flex-1"
        role="alert"
        heading
        title="Causality could not be opened"
        icon={<CloudOff />}
        action={<Button onClick={() => void router.invalidate()}>Try again</Button>}
      >
        {said(error)}
      </Notice>
    </Frame>
  )
}

/** A page that failed to draw: says so in its place, and leaves the navigation standing. */
export function Broken({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  return (
    <Notice
      className="flex-1"
      role="alert"
      heading
      title="This page could not be shown"
      icon={<TriangleAlert />}
      action={
        <div className="flex gap-2">
          <Button variant="outline" onClick={reset}>
            Try again
          </Button>
          <Button onClick={() => void router.navigate({ to: '/trends', search: {} })}>Open Trends</Button>
        </div>
      }
    >
      {said(error)}
    </Notice>
  )
}

export function BrokenOutside(props: ErrorComponentProps) {
  return (
    <Frame>
      <Broken {...props} />
    </Frame>
  )
}
