import { cva, type VariantProps } from 'class-variance-authority'
import type { ComponentProps } from 'react'
import { cn } from './cn'

/** Also for links that look like buttons: `<Link className={buttonStyle({ variant: 'outline' })}>`. */
export const buttonStyle = cva(
  'inline-flex shrink-0 items-center justify-center gap-2 rounded-md text-sm font-medium whitespace-nowrap transition-colors disabled:pointer-events-none disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      variant: {
        primary: 'bg-primary text-primary-foreground hover:bg-primary/90',
        outline: 'border border-border bg-surface hover:bg-muted',
        ghost: 'hover:bg-muted',
        danger: 'bg-danger text-danger-foreground hover:bg-danger/90',
      },
      size: { default: 'h-9 px-3', large: 'h-10 px-4', icon: 'size-9', small: 'h-7 px-2 text-xs [&_svg]:size-3.5', tiny: 'size-7 [&_svg]:size-4' },
    },
    defaultVariants: { variant: 'primary', size: 'default' },
  },
)

export function Button({ className, variant, size, type = 'button', ...props }: ComponentProps<'button'> & VariantProps<typeof buttonStyle>) {
  return <button type={type} className={cn(buttonStyle({ variant, size }), className)} {...props} />
}
