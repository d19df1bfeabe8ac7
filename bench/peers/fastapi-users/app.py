"""FastAPI Users on SQLite, set up as in its documentation, with sessions in the database.

Differences from the documentation's example: the argon2 parameters of this service, SQLite's
write-ahead log (WAL), and a list of users, because the library has none. PEER_DATABASE is the file.
"""

import os
from collections.abc import AsyncGenerator
from uuid import UUID

from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport
from fastapi_users.authentication.strategy.db import DatabaseStrategy
from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from fastapi_users.password import PasswordHelper
from fastapi_users_db_sqlalchemy.access_token import (
    SQLAlchemyAccessTokenDatabase,
    SQLAlchemyBaseAccessTokenTableUUID,
)
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine(f"sqlite+aiosqlite:///{os.environ['PEER_DATABASE']}")
sessions = async_sessionmaker(engine, expire_on_commit=False)
passwords = PasswordHelper(PasswordHash([Argon2Hasher(time_cost=2, memory_cost=19456, parallelism=1)]))


@event.listens_for(engine.sync_engine, "connect")
def write_ahead(connection, _) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA busy_timeout=10000")


class Base(DeclarativeBase):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    first_name: Mapped[str] = mapped_column(index=True)
    last_name: Mapped[str]


class AccessToken(SQLAlchemyBaseAccessTokenTableUUID, Base):
    pass


class UserRead(schemas.BaseUser[UUID]):
    first_name: str
    last_name: str


class UserCreate(schemas.BaseUserCreate):
    first_name: str
    last_name: str


class UserUpdate(schemas.BaseUserUpdate):
    first_name: str | None = None
    last_name: str | None = None


class UserManager(UUIDIDMixin, BaseUserManager[User, UUID]):
    pass


async def session() -> AsyncGenerator[AsyncSession]:
    async with sessions() as opened:
        yield opened


async def user_manager(opened: AsyncSession = Depends(session)):
    yield UserManager(SQLAlchemyUserDatabase(opened, User), passwords)


def strategy(opened: AsyncSession = Depends(session)) -> DatabaseStrategy:
    return DatabaseStrategy(SQLAlchemyAccessTokenDatabase(opened, AccessToken), lifetime_seconds=14 * 24 * 3600)


async def make_tables() -> None:
    """Creates the tables once, before the workers start, so the workers do not compete for it."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


backend = AuthenticationBackend(
    name="database", transport=BearerTransport(tokenUrl="auth/login"), get_strategy=strategy
)
users = FastAPIUsers[User, UUID](user_manager, [backend])
superuser = users.current_user(active=True, superuser=True)

app = FastAPI()
app.include_router(users.get_auth_router(backend), prefix="/auth")
app.include_router(users.get_register_router(UserRead, UserCreate), prefix="/auth")


@app.get("/users")
async def page(
    limit: int = 50, offset: int = 0, _: User = Depends(superuser), opened: AsyncSession = Depends(session)
):
    ordered = select(User).order_by(User.first_name, User.last_name, User.id).limit(limit).offset(offset)
    found = (await opened.execute(ordered)).scalars().all()
    total = await opened.scalar(select(func.count()).select_from(User))
    return {"data": [UserRead.model_validate(user) for user in found], "total": total}


app.include_router(users.get_users_router(UserRead, UserUpdate), prefix="/users")
