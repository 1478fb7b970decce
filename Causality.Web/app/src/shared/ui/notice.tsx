import type { ReactNode } from 'react'
import { cn } from './cn'

/** What a region says instead of its content: why it is empty or failed, and what to do about it. */
export function Notice(props: {
  title: string
  /** The title is the page's heading, where there is no other. */
  heading?: boolean
  role?: 'alert' | 'status'
  icon?: ReactNode
  action?: ReactNode
  className?: string
  children?: ReactNode
}) {
  const Title = props.heading ? 'h1' : 'p'
  return (
    <div role={props.role} className={cn('flex flex-col items-center justify-center gap-3 px-4 py-12 text-center', props.className)}>
      {props.icon && <div className="text-muted-foreground [&_svg]:size-7">{props.icon}</div>}
      <div className="max-w-md space-y-1">
        <Title className="font-medium">{props.title}</Title>
        {props.children && <div className="text-muted-foreground">{props.children}</div>}
      </div>
      {props.action}
    </div>
  )
}
