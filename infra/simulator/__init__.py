"""A stand-in for Meta: the Graph API, webhooks, people with phones, and faults on demand."""

from infra.simulator.chat import Chat, NotHeard
from infra.simulator.faults import Kind
from infra.simulator.messages import Choice, Message
from infra.simulator.remote import RemoteSimulator, SimulatorUnreachable
from infra.simulator.simulator import Simulator
from infra.simulator.templates import Template

__all__ = [
    "Chat",
    "Choice",
    "Kind",
    "Message",
    "NotHeard",
    "RemoteSimulator",
    "Simulator",
    "SimulatorUnreachable",
    "Template",
]
