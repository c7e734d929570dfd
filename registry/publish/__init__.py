"""Publishing: from a packed bundle to a signed release that services find by themselves.

    target      what a store must promise, and the names of its keys
    directory   a folder as a store
    s3          a bucket as a store; the only file of the registry that imports boto3
    stores      from a URL to a store
    probe       whether a store keeps its promises, remembered in store.json
    keys        signing keys by URI
    moves       what one signed version of a channel did, and why
    metadata    the TUF documents, built and verified
    state       what a channel says, verified from the trusted root down
    commit      the protocol: all of a move becomes live, or nothing
    channels    begin, publish, promote, roll back, history
    plan        what a release would change, before it does
    confirm     a channel seen as a service sees it
    resign      the same release under a later expiry

It must never make live what it did not sign, nor overwrite what it did not read.
"""
