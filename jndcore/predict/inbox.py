"""Requests to the child process in waiting."""

from __future__ import annotations

from threading import Condition

from jndcore.predict.child import Rebuild, Request


class Inbox:
    """The newest request of each kind about the newest video; what is older is dropped.

    So frames to rebuild, which are large, do not pile up while the process is busy. Threads may share it.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._newest: dict[type[Request], Request] = {}
        self._video = 0
        self._ended = False

    def put(self, video: int, request: Request) -> None:
        """Add a request about the video of that number; numbers rise."""
        with self._changed:
            if video > self._video:
                self._newest.clear()
                self._video = video
            if video == self._video:
                self._newest.pop(type(request), None)  # its place is that of the newest
                self._newest[type(request)] = request
                self._changed.notify()

    def put_back(self, video: int, request: Request) -> None:
        """Add a request that was taken and not served, unless a newer one makes it void."""
        with self._changed:
            if video == self._video:
                self._newest.setdefault(type(request), request)

    def end(self) -> None:
        """Nothing more will come."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def waits(self) -> bool:
        """Whether there is something to take."""
        with self._changed:
            return bool(self._newest) or self._ended

    def take(self, *, wait: bool) -> tuple[int, list[Request]] | None:
        """The video's number and all requests, in the order of their arrival but for rebuilding, the longest.

        Parameters
        ----------
        wait : bool
            For at least one request.

        Returns
        -------
        tuple or None
            None at the end.
        """
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._newest or self._ended)
            if self._ended:
                return None
            requests = sorted(self._newest.values(), key=lambda request: isinstance(request, Rebuild))
            self._newest.clear()
            return self._video, requests
