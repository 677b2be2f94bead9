"""Serves the engine behind the guard, and does what goes on beside the requests."""

import asyncio
import os

import alarms
import guard


def watching(app, watch):
    """Returns the application that watches alarms on the loop that serves, from when its state is loaded."""

    async def app_watching(scope, receive, send):
        tasks = []

        async def send_and_start(message):
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                tasks.append(asyncio.create_task(watch.run()))

        await app(scope, receive, send_and_start if scope["type"] == "lifespan" else send)
        for task in tasks:
            task.cancel()

    return app_watching


def serve(app, engine):
    """Guards the engine, takes note of what there is to save, and watches its alarms."""
    saving = engine.saving
    note_change = saving.note_change if saving else lambda: None
    watch = alarms.Watch(
        engine.cloudwatch, engine.sqs, engine.cloudformation._stacks, engine.scope, note_change
    )
    app = watching(saving.noting(app) if saving else app, watch)
    return guard.Guard(app, int(os.environ["GATEWAY_PORT"]), engine.known)
