/** What is stored of the address that an event came from. */
export const ipPolicies = [
  { value: 'hash', label: 'Hash', meaning: 'Stored as a hash with a secret of the app: tells senders apart, names none.' },
  { value: 'truncate', label: 'Truncate', meaning: 'Stored without its last part: the network, not the person.' },
  { value: 'drop', label: 'Drop', meaning: 'Not stored at all.' },
  { value: 'keep', label: 'Keep', meaning: 'Stored in full. Check that your privacy policy says so.' },
] as const
