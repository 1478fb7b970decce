import { Check, Copy } from 'lucide-react'
import { useEffect, useState, type ComponentProps } from 'react'
import { Button } from './button'
import { toast } from './toast'

/** Copies a text and says so for a moment. */
export function CopyButton({ text, label = 'Copy', ...props }: { text: string; label?: string } & Pick<ComponentProps<typeof Button>, 'variant' | 'size' | 'className' | 'aria-label'>) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2_000)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
    } catch {
      // a page that is not served by https may not write to the clipboard
      toast({ title: 'The browser does not allow copying here', description: 'Select the text and copy it yourself.', tone: 'danger' })
    }
  }
  return (
    <Button variant="outline" {...props} onClick={() => void copy()}>
      {copied ? <Check className="text-success" aria-hidden /> : <Copy aria-hidden />}
      <span aria-live="polite">{copied ? 'Copied' : label}</span>
    </Button>
  )
}
