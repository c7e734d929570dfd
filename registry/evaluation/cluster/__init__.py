"""Where the workers of a local model live: on this machine, several of them, or on the nodes of a Ray cluster.

- ``port``     what the engine asks of a cluster
- ``address``  from ``local:4`` or ``ray://…`` to a cluster
- ``local``    workers on this machine
- ``ray``      workers in actors of a Ray cluster; the only file that imports ray
- ``holder``   the actor: it finds the weights on its node and holds the process that has them loaded

Questions are made, judged and recorded where the command runs; only tokens travel, so an answer is the same
wherever it is computed. It must never let a node compute that would compute otherwise.
"""
