"""Publishing: from a packed bundle to a signed release that services find by themselves.

- ``target``     what publishing needs of a store, and the names of everything in it
- ``directory``  a folder as a store: the embedded default, with the same promises as S3
- ``s3``         S3 as a store, spoken by boto3 and by nothing else of the registry
- ``stores``     from the URL of a store to the store
- ``probe``      whether a store keeps the promises that the commit protocol rests on
- ``keys``       signing keys by URI
- ``signers``    keys that never leave their service: KMS, vaults, tokens
- ``roots``      a channel's root: which keys may say what, and its next version
- ``ceremony``   a root on its way: a file in Git that its holders sign one after the other
- ``rekey``      a new root into the store, and what is live signed again by its keys
- ``standing``   how a channel's keys stand: who, until when, what is waited for
- ``proofs``     the evidence of a release, beside its bundle
- ``numbers``    release numbers, given out once over all channels of a store
- ``times``      times as text
- ``hearsay``    words that nobody signed
- ``moves``      a move: what one signed version of a channel did, and why
- ``metadata``   the four TUF documents of a channel: built and signed here, read and verified here
- ``state``      what a channel says right now, verified from the trusted root down
- ``order``      what may not follow what is live
- ``commit``     the commit protocol: from a meaning to a signed pointer, or to nothing at all
- ``channels``   what can be done to a channel
- ``canary``     a release on its way: its first step, the next, the last, or back
- ``fleet``      who runs what, as services report it
- ``gauges``     a figure of a Prometheus server, or word that there is none
- ``rollout``    a rollout taken step by step while it is healthy, and taken back when it is not
- ``needed``     what a store's channels need: the one question before anything is removed
- ``condemned``  what is about to be removed, written down where every publisher looks
- ``collect``    garbage collection, in two steps with a grace between them
- ``plan``       what a release would change on a channel, told before anything is written
- ``confirm``    a channel seen as a service sees it
- ``resign``     the same release under a later expiry
- ``renewal``    who signed again, when and why, said in the timestamp itself

It must never make live what it did not sign, nor overwrite what it did not read.
"""
