"""What is open now: evented and without widgets. Windows watch it and hold no results of their own."""

from app.state.comparison import Comparison, Mode
from app.state.document import Document
from app.state.encode import Encode
from app.state.models import Models
from app.state.overlays import Overlay, Overlays
from app.state.pictures import Pictures, Shown
from app.state.plan import Plan, Planned, PlanOptions, TargetChoice
from app.state.playhead import Playhead
from app.state.proof import Checked, Proof, Score
from app.state.results import Results
from app.state.settings import Settings, load_settings, save_settings
from app.state.state import AppState
from app.state.viewport import Viewport
from app.state.work import Work

__all__ = [
    "AppState",
    "Checked",
    "Comparison",
    "Document",
    "Encode",
    "Mode",
    "Models",
    "Overlay",
    "Overlays",
    "Pictures",
    "Plan",
    "PlanOptions",
    "Planned",
    "Playhead",
    "Proof",
    "Results",
    "Score",
    "Settings",
    "Shown",
    "TargetChoice",
    "Viewport",
    "Work",
    "load_settings",
    "save_settings",
]
