/** What is stored of the address that an event came from. */
export const ipPolicies = [
  { value: 'hash', label: 'Hash', meaning: 'Stored as a hash with a secret of the app: tells senders apart, names none.' },
  { value: 'truncate', label: 'Truncate', meaning: 'The network is stored, as a hash, and not the address in it.' },
  { value: 'drop', label: 'Drop', meaning: 'Not stored at all.' },
  { value: 'keep', label: 'Keep', meaning: 'Meant to be stored in full. Until there is a place for it, it is stored as a hash.' },
] as const
