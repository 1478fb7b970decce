import type { ReactNode } from 'react'
import { Alert } from './alert'
import { Button } from './button'
import { Dialog, DialogActions, DialogClose, DialogContent } from './dialog'

/** Asks before what cannot be undone, or reaches far: says what will happen, and names it on the button. Stays open with the reason when it fails. */
export function Confirm(props: {
  open: boolean
  title: string
  /** The deed, on its button: "Revoke key". */
  action: string
  /** Absent, what is asked cannot be undone. */
  tone?: 'danger' | 'primary'
  pending: boolean
  error: Error | null
  onConfirm: () => void
  onClose: () => void
  children: ReactNode
}) {
  return (
    <Dialog open={props.open} onOpenChange={(open) => !open && props.onClose()}>
      <DialogContent role="alertdialog" title={props.title} description={props.children}>
        {props.error && <Alert>{props.error.message}</Alert>}
        <DialogActions>
          <DialogClose asChild>
            <Button variant="outline">Cancel</Button>
          </DialogClose>
          <Button variant={props.tone ?? 'danger'} disabled={props.pending} onClick={props.onConfirm}>
            {props.action}
          </Button>
        </DialogActions>
      </DialogContent>
    </Dialog>
  )
}
