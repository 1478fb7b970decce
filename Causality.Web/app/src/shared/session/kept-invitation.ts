const key = 'causality.invitation'

/**
 * The token of an invitation link, kept for this tab while its reader signs in or up: in the address it would travel
 * to the server with the next page, or be lost on the way over another provider's sign-in.
 */
export function keepInvitation(token: string) {
  try {
    sessionStorage.setItem(key, token)
  } catch {
    // storage may be forbidden: the link must then be opened again after signing in
  }
}

export function keptInvitation(): string | undefined {
  try {
    return sessionStorage.getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

export function forgetInvitation() {
  try {
    sessionStorage.removeItem(key)
  } catch {
    // nothing was kept
  }
}
