"""PostgreSQL without an installation: a server under the data folder that goes when its owner goes."""

from sfa.pg.programs import OLDEST as OLDEST
from sfa.pg.programs import PostgresFailed as PostgresFailed
from sfa.pg.programs import every_program as every_program
from sfa.pg.server import DATABASE as DATABASE
from sfa.pg.server import EmbeddedPostgres as EmbeddedPostgres
